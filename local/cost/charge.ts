/** What something costs in a month: at the least and at the most that the template allows. Not a number where no price is known. */
export interface Charge {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}
