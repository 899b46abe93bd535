import { expect } from 'expect';
import { Check, forEach } from './check';

/** The functions of this library, by logical id: MiB, seconds, role and log group. */
const HANDLERS: Record<string, [number, number, string, string]> = {
  AirflowFernetKeyFunction43746381: [256, 60, 'AirflowFernetKeyFunctionRoleE4A74461', 'AirflowFernetKeyFunctionLogGroup1BB83EDC'],
  AirflowMigrationFunction9F13FB81: [256, 900, 'AirflowMigrationFunctionRole0861FF93', 'AirflowMigrationFunctionLogGroupD09E2B52'],
};

/** Days that logs are kept. */
const RETENTION = {
  AirflowClusterLogGroupF9E86CE7: 30,
  AirflowDagsLogGroupCF6A41C7: 30,
  AirflowFernetKeyFunctionLogGroup1BB83EDC: 30,
  AirflowMigrationFunctionLogGroupD09E2B52: 30,
};

export const HANDLER: Check[] = [
  ...forEach(HANDLERS, id => `how ${id} runs`, ({ resources }, id, [MemorySize, Timeout, role, logGroup]) => {
    const { Code, Description, ...properties } = resources[id].Properties;
    expect(properties).toEqual({
      Architectures: ['arm64'],
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      MemorySize,
      Timeout,
      Role: { 'Fn::GetAtt': [role, 'Arn'] },
      LoggingConfig: { LogGroup: { Ref: logGroup } },
    });
  }),
  ...forEach(HANDLERS, id => `the role of ${id} has two policies: its work and its log`, ({ resources }, _, [, , role]) => {
    const { AssumeRolePolicyDocument, Policies, ...others } = resources[role].Properties;
    expect(Policies.map(({ PolicyName }: any) => PolicyName)).toEqual(['Handler', 'Log']);
    // above all no managed policy, which could write to every log
    expect(others).toEqual({});
  }),
  {
    name: 'there are no other functions but that of CDK',
    check(synthesized) {
      const functions = synthesized.ofType('AWS::Lambda::Function').map(([id]) => id).filter(id => !id.startsWith('CustomCDKBucketDeployment'));
      expect(functions.sort()).toEqual(Object.keys(HANDLERS).sort());
    },
  },
  {
    name: 'logs are kept for so many days',
    check(synthesized) {
      const days = synthesized.ofType('AWS::Logs::LogGroup').map(([id, { Properties }]) => [id, Properties.RetentionInDays]);
      expect(Object.fromEntries(days)).toEqual(RETENTION);
    },
  },
];
