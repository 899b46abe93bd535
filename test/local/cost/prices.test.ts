import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Prices } from '../../../local/cost/prices';
import { scratchFolder } from '../scratch-folder';

test('every price that comes with the package has a source and a date', () => {
  const { date, regions } = Prices.read();

  expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(Object.values(regions).flatMap(Object.values).filter(({ price, per, source }) => !(price > 0 && per && source))).toEqual([]);
});

test('a region without prices is an error that says what there is', () => {
  expect(() => Prices.of(Prices.read(), 'eu-west-1')).toThrow('there are no prices for eu-west-1, only for us-east-1: give your own with --prices');
});

test('prices of one\'s own are read; a file that is none is an error with its name', () => {
  const file = join(scratchFolder(), 'prices.json');
  writeFileSync(file, JSON.stringify({ date: '2026-12-01', currency: 'EUR', hoursPerMonth: 730, regions: { 'eu-west-1': { secret: { price: 0.5, per: 'month', source: 'us' } } } }));
  const prices = Prices.of(Prices.read(file), 'eu-west-1');

  expect([prices.monthly('secret'), prices.currency]).toEqual([0.5, 'EUR']);
  expect(() => prices.monthly('nat')).toThrow('the prices for eu-west-1 have no "nat"');
  writeFileSync(file, '{"date":"2026-12-01"}');
  expect(() => Prices.read(file)).toThrow(`no prices can be read from ${file}: it has no currency, hoursPerMonth, regions`);
});
