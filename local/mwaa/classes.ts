/** What a class of MWAA means for the parts that it consists of. */
export interface ClassSizes {
  /** Tasks that a worker runs at once. */
  readonly concurrency: number;
  readonly worker: Size;
  /** Of scheduler and DAG processor each: together with the triggerer they are one container of MWAA. Without it the defaults are right. */
  readonly scheduler?: Size;
  readonly webServer?: Size;
}

export interface Size {
  readonly cpu: number;
  readonly memoryLimitMiB: number;
}

/**
 * The processor of workers is that of MWAA; their memory is what the number of tasks needs with Airflow 3, 512 MiB for each, at a size that Fargate has.
 * Scheduler and DAG processor have half of MWAA's container each.
 */
export const CLASSES: Record<string, ClassSizes> = {
  'mw1.micro': { concurrency: 3, worker: { cpu: 1024, memoryLimitMiB: 2048 } },
  'mw1.small': { concurrency: 5, worker: { cpu: 1024, memoryLimitMiB: 4096 } },
  'mw1.medium': {
    concurrency: 10,
    worker: { cpu: 2048, memoryLimitMiB: 6144 },
    scheduler: { cpu: 1024, memoryLimitMiB: 2048 },
    webServer: { cpu: 1024, memoryLimitMiB: 2048 },
  },
  'mw1.large': {
    concurrency: 20,
    worker: { cpu: 4096, memoryLimitMiB: 11264 },
    scheduler: { cpu: 2048, memoryLimitMiB: 4096 },
    webServer: { cpu: 2048, memoryLimitMiB: 4096 },
  },
  'mw1.xlarge': {
    concurrency: 40,
    worker: { cpu: 8192, memoryLimitMiB: 24576 },
    scheduler: { cpu: 4096, memoryLimitMiB: 12288 },
    webServer: { cpu: 2048, memoryLimitMiB: 4096 },
  },
  'mw1.2xlarge': {
    concurrency: 80,
    worker: { cpu: 16384, memoryLimitMiB: 49152 },
    scheduler: { cpu: 8192, memoryLimitMiB: 24576 },
    webServer: { cpu: 2048, memoryLimitMiB: 4096 },
  },
};
