import { parseQuery, QueryError, queryErrorResponse, queryResponse } from '../../../local/aws-api/query-protocol';

test('parameters become what the SDK has sent, lists in the order of their numbers', () => {
  const body = 'Action=CreateStack&Version=2010-05-15&StackName=a%20b&Tags.member.2.Key=two&Tags.member.1.Key=one&Tags.member.10.Key=ten&Nested.Inner.member.1=x';

  expect(parseQuery(body)).toEqual({
    operation: 'CreateStack', input: { StackName: 'a b', Tags: [{ Key: 'one' }, { Key: 'two' }, { Key: 'ten' }], Nested: { Inner: ['x'] } },
  });
});

test('names of objects are names like others', () => {
  expect(() => parseQuery('Action=A&__proto__.polluted=1')).not.toThrow();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('a value where others have members is refused', () => {
  expect(() => parseQuery('Action=A&Tags=1&Tags.member.1=2')).toThrow('the parameter Tags.member.1 has a value where others have members');
});

test('an answer is XML of the service, without what is undefined', () => {
  expect(queryResponse('http://x/', 'Do', { A: 1, B: undefined, C: [{ D: '<&>' }, { D: true }] })).toBe(
    '<DoResponse xmlns="http://x/"><DoResult><A>1</A><C><member><D>&lt;&amp;&gt;</D></member><member><D>true</D></member></C></DoResult>' +
    '<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></DoResponse>',
  );
});

test('an error has code and message', () => {
  expect(queryErrorResponse('http://x/', new QueryError('no <b>'))).toContain('<Type>Sender</Type><Code>ValidationError</Code><Message>no &lt;b&gt;</Message>');
});
