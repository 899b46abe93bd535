import { readFileSync } from 'node:fs';
import { UserError } from '../errors';
import { packageFile } from '../install/package-files';

interface Price {
  readonly price: number;
  readonly per: string;
  readonly source: string;
}

interface PriceFile {
  /** When the prices were looked up. */
  readonly date: string;
  readonly currency: string;
  readonly hoursPerMonth: number;
  readonly regions: Record<string, Record<string, Price>>;
}

/** The list prices of one region. */
export class Prices {
  /** @param file of the same form as `local/data/prices.json`, which is taken without it */
  static read(file: string = packageFile('data/prices.json')): PriceFile {
    try {
      const { date, currency, hoursPerMonth, regions } = JSON.parse(readFileSync(file, 'utf-8')) as PriceFile;
      const complete = { date, currency, hoursPerMonth, regions };
      const missing = Object.entries(complete).filter(([, value]) => !value).map(([name]) => name);
      if (missing.length > 0) { throw new Error(`it has no ${missing.join(', ')}`); }
      return complete;
    } catch (error) {
      throw new UserError(`no prices can be read from ${file}: ${(error as Error).message}`);
    }
  }

  static of(file: PriceFile, region: string): Prices {
    if (!(region in file.regions)) {
      throw new UserError(`there are no prices for ${region}, only for ${Object.keys(file.regions).join(', ')}: give your own with --prices (the form of local/data/prices.json)`);
    }
    return new Prices(file, region);
  }

  private constructor(private readonly file: PriceFile, readonly region: string) {}

  get date(): string {
    return this.file.date;
  }

  get currency(): string {
    return this.file.currency;
  }

  has(name: string): boolean {
    return name in this.list;
  }

  /** What one unit costs in a month, if it is there all the time. */
  monthly(name: string): number {
    const { price, per } = this.get(name);
    return per.includes('hour') ? price * this.file.hoursPerMonth : price;
  }

  factor(name: string): number {
    return this.get(name).price;
  }

  /** `0.5 per GB written` */
  unit(name: string): string {
    const { price, per } = this.get(name);
    return `${price} per ${per}`;
  }

  private get list(): Record<string, Price> {
    return this.file.regions[this.region];
  }

  private get(name: string): Price {
    if (!this.has(name)) {
      throw new UserError(`the prices for ${this.region} have no "${name}"`);
    }
    return this.list[name];
  }
}
