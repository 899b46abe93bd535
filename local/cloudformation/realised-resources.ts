import { UserError } from '../errors';

/** Resources of a kind, by what refers to them (a name, an id or an ARN), and the type of what stands for one of them here. */
export class Family<T> {
  /** Only a type: no value has it. */
  declare readonly member: T;

  /** @param absent what is wrong with a reference that leads nowhere: `not in this template` */
  constructor(readonly absent: string) {}
}

/** What stands for the resources that have been made. A family is declared where its resources are. */
export class RealisedResources {
  private readonly families = new Map<Family<unknown>, Map<string, unknown>>();

  add<T>(family: Family<T>, id: string, member: T): void {
    this.families.set(family, (this.families.get(family) ?? new Map<string, unknown>()).set(id, member));
  }

  remove(family: Family<unknown>, id: string): void {
    this.families.get(family)?.delete(id);
  }

  get<T>(family: Family<T>, reference: unknown): T | undefined {
    return this.families.get(family)?.get(String(reference)) as T | undefined;
  }

  /** `what` names the reference where there is nothing behind it: `its parameter group`. */
  require<T>(family: Family<T>, reference: unknown, what: string): T {
    const member = this.get(family, reference);
    if (member === undefined) {
      throw new UserError(`${what} ${JSON.stringify(reference)} is ${family.absent}`);
    }
    return member;
  }
}
