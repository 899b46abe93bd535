import type { Stack } from './assembly';
import { resolve, type Scope } from './intrinsics';
import type { NotRealised } from './resource';
import { destinationOf } from './resources/bucket-deployment';
import type { StackState } from './stack-state';
import type { Output, OutputDeclaration, ResourceDeclaration } from './template';
import type { DagDirectory } from '../dags/dag-watcher';
import { UserError } from '../errors';

export interface DeployedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly path?: string;
}

/** What a stack is when it has been deployed. */
export interface Deployment {
  readonly realised: DeployedResource[];
  readonly notRealised: (DeployedResource & NotRealised)[];
  readonly outputs: Record<string, unknown>;
  readonly dagDirectories: DagDirectory[];
}

interface Parts {
  readonly stack: Stack;
  readonly resources: Record<string, ResourceDeclaration>;
  readonly outputs: Record<string, OutputDeclaration>;
  readonly scope: Scope;
  readonly state: StackState;
}

export function describeDeployment({ stack, resources, outputs, scope, state }: Parts): Deployment {
  const all = Object.entries(resources).map(([logicalId, { Type: type }]) => ({
    described: { logicalId, type, path: stack.paths.get(logicalId) }, notRealised: state.get(logicalId)!.notRealised,
  }));
  return {
    realised: all.filter(({ notRealised }) => !notRealised).map(({ described }) => described),
    notRealised: all.flatMap(({ described, notRealised }) => notRealised ? [{ ...described, ...notRealised }] : []),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { Value }]) => [name, resolve(Value, scope, `Outputs.${name}`)])),
    dagDirectories: stack.dagDirectories.map(({ bucketDeployment, directory, exclude }) => {
      const resource = state.get(bucketDeployment);
      if (!resource) {
        throw new UserError(`the DAG folder ${directory} belongs to "${bucketDeployment}", which is not in the template; synthesize the app again`);
      }
      return { directory, exclude, ...destinationOf(resource.properties) };
    }),
  };
}

/** As CloudFormation tells and exports them. */
export function resolveOutputs(outputs: Record<string, OutputDeclaration>, scope: Scope): Output[] {
  return Object.entries(outputs).map(([name, { Value, Description: description, Export }]) => {
    const value = resolve(Value, scope, `Outputs.${name}`);
    if (typeof value === 'object') throw new UserError(`Template format error: Output ${name} is malformed.`);
    const exportName = Export && String(resolve(Export.Name, scope, `Outputs.${name}.Export.Name`));
    return { name, value: String(value), ...description !== undefined && { description }, ...exportName !== undefined && { exportName } };
  });
}
