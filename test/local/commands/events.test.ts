import { stripVTControlCharacters } from 'node:util';
import { eventLine } from '../../../local/commands/events';

const event = { logicalId: 'Web123', type: 'AWS::ECS::Service', status: 'UPDATE_COMPLETE' } as const;

test.each<[Parameters<typeof eventLine>[0], string]>([
  [event, 'UPDATE_COMPLETE           AWS::ECS::Service  Web123'],
  [{ ...event, path: 'Airflow/Web/Service', seconds: 12.34 }, 'UPDATE_COMPLETE           AWS::ECS::Service  Airflow/Web/Service  12.3 s'],
  [{ ...event, status: 'UPDATE_FAILED', seconds: 1, reason: 'no disk' }, 'UPDATE_FAILED             AWS::ECS::Service  Web123  1.0 s  no disk'],
])('the line of %j', (given, expected) => {
  expect(stripVTControlCharacters(eventLine(given))).toBe(expected);
});
