import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A property of a struct, or a parameter. */
export interface ApiProperty {
  readonly name: string;
  /** As in jsii: `number`, `aws-cdk-lib.aws_ec2.IVpc`, `{[ key: string ]: string}`. */
  readonly type: string;
}

/** Every struct of the public API and its properties, those that it inherits included, as API.md has them. */
export function structs(): Record<string, ApiProperty[]> {
  const api = readFileSync(join(__dirname, '..', '..', 'API.md'), 'utf-8');
  const [, section] = /\n## Structs .*\n([\s\S]*?)\n## /.exec(api)!;
  return Object.fromEntries(section.split(/\n### /).slice(1).map(text => {
    const properties = [...text.matchAll(/^##### `(\w+)`[\s\S]*?^- \*Type:\* (.*)$/gm)]
      .map(([, name, type]) => ({ name, type: type.replace(/<[^>]*>/g, '') }));
    return [/^\w+/.exec(text)![0], properties];
  }));
}
