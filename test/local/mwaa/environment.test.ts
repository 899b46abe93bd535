import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment, readSubnets } from '../../../local/mwaa/environment';
import { scratchFolder } from '../scratch-folder';

const file = join(scratchFolder(), 'environment.json');

function reading(content: string): () => unknown {
  writeFileSync(file, content);
  return () => readEnvironment(file);
}

test('a file that is none, or is of something else, is an error that says how to make it', () => {
  expect(() => readEnvironment('absent.json')).toThrow('cannot read absent.json (ENOENT: no such file or directory, open \'absent.json\'): make it with "aws mwaa get-environment --name <name> > absent.json"');
  expect(reading('{')).toThrow('make it with "aws mwaa get-environment');
  expect(reading('null')).toThrow('it is no JSON object');
  expect(reading('{"Environments":["a"]}')).toThrow('is not what "aws mwaa get-environment --name <name>" prints: it has no Name, AirflowVersion, EnvironmentClass, SourceBucketArn, DagS3Path');
});

test('what jq .Environment leaves of it is read as well', () => {
  expect(reading('{"Name":"a","AirflowVersion":"3.2.1","EnvironmentClass":"mw1.small","SourceBucketArn":"arn:aws:s3:::b","DagS3Path":"dags"}')()).toMatchObject({ Name: 'a' });
});

test('subnets are in the order of the environment, and all of them have to be there', () => {
  const subnets = join(__dirname, 'subnets.json');
  expect(readSubnets(subnets, ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1']).map(({ AvailabilityZone }) => AvailabilityZone)).toEqual(['eu-west-1a', 'eu-west-1b']);
  expect(() => readSubnets(subnets, ['subnet-1'])).toThrow('does not have the subnets of the environment: subnet-1 is missing; make it with "aws ec2 describe-subnets --subnet-ids subnet-1"');
});
