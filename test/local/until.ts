import { until as poll } from '../../local/until';

/** A hang: no machine is so busy. */
const LIMIT_SECONDS = 180;

/** Asks until the answer is not false. */
export async function until<T>(what: string, condition: () => T | false | Promise<T | false>): Promise<T> {
  const { value } = await poll(what, LIMIT_SECONDS, async () => {
    const answer = await condition();
    return answer === false ? undefined : { value: answer };
  }, 25);
  return value;
}
