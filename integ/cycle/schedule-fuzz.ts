import { createStack, deleteStack } from './cloudformation';
import type { Life } from './life';
import { enforce, schedules } from './schedules';
import { UNPROTECTED } from './subject';
import { upload } from './template';

/** Step 7: create and delete in every order that the declared dependencies allow, as far as pairs of resources are concerned. */
export async function fuzzSchedules(life: Life): Promise<void> {
  const template = life.template(life.synthesize(UNPROTECTED));
  const orders = schedules(template);
  for (const [index, order] of orders.entries()) {
    await life.checks.that(`order ${index + 1} of ${orders.length} of ${order.length} resources: create all, delete all`, async () => {
      const stackName = `${life.stackName}-order-${index + 1}`;
      await deleteStack(await createStack(stackName, await upload(enforce(template, order), life.stackName, stackName)));
    });
  }
}
