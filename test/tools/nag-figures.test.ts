import { NAG_HEADINGS, nagFigures } from '../../tools/nag-figures';

describe('figures of cdk-nag', () => {
  const [none, development, production, plain] = nagFigures();

  test('have a column for each pack', () => {
    expect(NAG_HEADINGS).toEqual(['stack', 'AwsSolutions', 'NIST 800-53 R5', 'HIPAA', 'PCI DSS 3.2.1', 'not accepted']);
    expect(none).toHaveLength(NAG_HEADINGS.length);
  });

  test('have no finding of AwsSolutions without a reason', () => {
    expect([none, development, production].map(row => row.at(-1))).toEqual(['0', '0', '0']);
  });

  test('are better with every pack than those of plain CDK', () => {
    const rules = (row: string[]) => row.slice(1, -1).map(cell => parseInt(cell));

    rules(none).forEach((count, pack) => expect(count).toBeLessThan(rules(plain)[pack]));
    rules(production).forEach((count, pack) => expect(count).toBeLessThan(rules(plain)[pack]));
  });
});
