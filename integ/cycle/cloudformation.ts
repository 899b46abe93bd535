import { CloudFormation, StackEvent } from '@aws-sdk/client-cloudformation';
import { until } from '../../local/until';

const cloudFormation = new CloudFormation({});

/** A hang: no machine is so busy. */
export const HANGS_SECONDS = 900;

/** Any end of a deployment will do. */
export const ANY = 'any';

/** What happened to a stack, oldest first. It can be asked after its deletion by its id. */
export async function events(stack: string): Promise<StackEvent[]> {
  const all: StackEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudFormation.describeStackEvents({ StackName: stack, NextToken });
    all.push(...page.StackEvents ?? []);
    NextToken = page.NextToken;
  } while (NextToken);
  return all.reverse();
}

/** What happened to a stack since these events, of which there has to be one. */
export async function eventsSince(stack: string, earlier: StackEvent[]): Promise<StackEvent[]> {
  const last = earlier.at(-1)!.EventId;
  const all = await events(stack);
  const index = all.findIndex(({ EventId }) => EventId === last);
  if (index < 0) {
    throw new Error(`only the newest ${all.length} events of ${stack} are told: more have happened meanwhile`); // the local AWS tells 300
  }
  return all.slice(index + 1);
}

/** What happened to a stack that is deleted now: of a large one without the beginning, for the local AWS tells the newest 300 only. */
export async function deletionEvents(stack: string, earlier: StackEvent[]): Promise<StackEvent[]> {
  const before = new Set(earlier.map(({ EventId }) => EventId));
  return (await events(stack)).filter(({ EventId }) => !before.has(EventId));
}

export async function stackId(stackName: string): Promise<string> {
  const { Stacks } = await cloudFormation.describeStacks({ StackName: stackName });
  return Stacks![0].StackId!;
}

export async function stackStatus(stack: string): Promise<string> {
  const { Stacks } = await cloudFormation.describeStacks({ StackName: stack });
  return Stacks![0].StackStatus!;
}

/** Logical and physical ids of what is in a stack. */
export async function resources(stack: string): Promise<Map<string, string>> {
  const { StackResources } = await cloudFormation.describeStackResources({ StackName: stack });
  return new Map(StackResources!.map(({ LogicalResourceId, PhysicalResourceId }) => [LogicalResourceId!, PhysicalResourceId!]));
}

/** Creates a stack without the CDK command line, and waits for the end that is wanted. */
export async function createStack(stackName: string, templateUrl: string, wanted = 'CREATE_COMPLETE'): Promise<string> {
  const { StackId } = await cloudFormation.createStack({ StackName: stackName, TemplateURL: templateUrl, Capabilities: ['CAPABILITY_IAM'] });
  await settle(StackId!, wanted);
  return StackId!;
}

/** Goes on with a stack whose creation failed and was not rolled back. Fails again, or not. */
export async function continueStack(stackName: string, templateUrl: string): Promise<void> {
  await cloudFormation.updateStack({ StackName: stackName, TemplateURL: templateUrl, DisableRollback: true, Capabilities: ['CAPABILITY_IAM'] });
  await settle(stackName, ANY);
}

/** @param retain logical ids of what is left behind, which has to have refused its deletion before */
export async function deleteStack(stack: string, retain: string[] = []): Promise<void> {
  await cloudFormation.deleteStack({ StackName: stack, RetainResources: retain });
  await settle(stack, 'DELETE_COMPLETE');
}

export async function protectStack(stackName: string, EnableTerminationProtection: boolean): Promise<void> {
  await cloudFormation.updateTerminationProtection({ StackName: stackName, EnableTerminationProtection });
}

async function settle(stack: string, wanted: string): Promise<void> {
  const status = await until(`${stack} comes to rest`, HANGS_SECONDS, async () => {
    const now = await stackStatus(stack);
    return now.endsWith('_IN_PROGRESS') ? undefined : now;
  });
  if (status !== wanted && wanted !== ANY) {
    throw new Error(`${status} instead of ${wanted}\n${failures(await events(stack)).join('\n')}`);
  }
}

/** Resources that failed, with their reasons. */
export function failures(happened: StackEvent[]): string[] {
  return happened
    .filter(({ ResourceStatus, ResourceType }) => ResourceStatus!.endsWith('_FAILED') && ResourceType !== 'AWS::CloudFormation::Stack')
    .map(({ LogicalResourceId, ResourceStatus, ResourceStatusReason }) => `${LogicalResourceId} ${ResourceStatus}: ${ResourceStatusReason}`);
}
