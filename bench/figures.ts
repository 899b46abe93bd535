import { table } from '../tools/table';

/** One row of the printed table: ours, the same of `airflow standalone` where there is one, what is aimed at. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  /** Text says why there is no figure. */
  readonly value: number | string;
  readonly standalone?: number | string;
  readonly target?: string;
}

export function figuresTable(figures: Figure[]): string {
  return table(
    ['measured', 'this', 'standalone', 'ratio', 'target'],
    figures.map(({ what, unit, value, standalone, target }) => [
      what,
      amount(value, unit),
      standalone === undefined ? '' : amount(standalone, unit),
      typeof value === 'number' && typeof standalone === 'number' ? `${(value / standalone).toPrecision(3)} ×` : '',
      target ?? '',
    ]),
    ['this', 'standalone', 'ratio'],
  );
}

function amount(value: number | string, unit: string): string {
  return typeof value === 'string' ? value : `${value.toFixed(unit === 's' ? 2 : 0)} ${unit}`;
}
