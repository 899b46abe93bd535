import { Token } from 'aws-cdk-lib';

/** Airflow's defaults, in each process. */
const POOL = { AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE: 5, AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW: 10 };

/** What Aurora takes at most, and what it takes where the least capacity has no memory for more. */
const MOST_CONNECTIONS = 5000;
const MOST_CONNECTIONS_OF_SMALL_CAPACITY = 2000;
const SMALL_CAPACITY = 0.5;

/**
 * Connections that one of SQLAlchemy's pools opens at most.
 *
 * @param environment variables of the process
 */
export function connectionsOfPool(environment: Record<string, string>): number {
  return Object.entries(POOL).reduce((sum, [name, preset]) => sum + setting(environment, name, preset), 0);
}

/** A setting that is a number, if it is known. */
export function setting(environment: Record<string, string>, name: string, preset: number): number {
  const value = Number(environment[name] ?? preset);
  return Token.isUnresolved(environment[name]) || !Number.isInteger(value) || value < 0 ? preset : value;
}

/**
 * `max_connections` of Aurora PostgreSQL Serverless v2. It follows from the greatest capacity (AWS's table: 189 with 1 ACU, 823 with 4, 1669 with 8, 3360
 * with 16), and is smaller where the least one has no memory for it. Undefined where that is not known.
 */
export function maxConnections(minCapacity: number, maxCapacity: number): number | undefined {
  if (Token.isUnresolved(minCapacity) || Token.isUnresolved(maxCapacity)) { return undefined; }
  const most = minCapacity <= SMALL_CAPACITY ? MOST_CONNECTIONS_OF_SMALL_CAPACITY : MOST_CONNECTIONS;
  return Math.min(most, Math.round(211.4 * maxCapacity - 22.4));
}
