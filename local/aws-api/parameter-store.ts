export interface Parameter {
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly version: number;
}

/** The SSM parameters that stacks have made. Whoever puts others is refused: nothing would keep them. */
export class ParameterStore {
  private readonly parameters = new Map<string, Parameter>();

  put(parameter: Omit<Parameter, 'version'>): void {
    const version = (this.parameters.get(parameter.name)?.version ?? 0) + 1;
    this.parameters.set(parameter.name, { ...parameter, version });
  }

  delete(name: string): void {
    this.parameters.delete(name);
  }

  /** By name or ARN, with or without a version behind it. */
  find(reference: string): Parameter | undefined {
    const [name, version] = (/^arn:[^:]+:ssm:[^:]*:[^:]*:parameter(\/.*)$/.exec(reference)?.[1] ?? reference).split(':');
    const found = this.parameters.get(name) ?? this.parameters.get(name.replace(/^\//, ''));
    return version === undefined || String(found?.version) === version ? found : undefined;
  }

  /** An operation of Systems Manager. */
  handle(operation: string, input: Record<string, unknown>): { statusCode: number; body: string } {
    switch (operation) {
      case 'GetParameter': {
        const found = this.find(String(input.Name));
        return found ? answer({ Parameter: described(found) }) : refuse('ParameterNotFound', undefined);
      }
      case 'GetParameters': {
        const names = [input.Names ?? []].flat().map(String);
        return answer({
          Parameters: names.flatMap(name => this.find(name) ?? []).map(described),
          InvalidParameters: names.filter(name => !this.find(name)),
        });
      }
      default:
        return refuse('InvalidAction', `the local Systems Manager has no operation ${operation}: parameters are made by stacks`);
    }
  }
}

function described({ arn, name, type, value, version }: Parameter): object {
  return { Name: name, ARN: arn, Type: type, Value: value, Version: version, DataType: 'text' };
}

function answer(output: object): { statusCode: number; body: string } {
  return { statusCode: 200, body: JSON.stringify(output) };
}

function refuse(code: string, message: string | undefined): { statusCode: number; body: string } {
  return { statusCode: 400, body: JSON.stringify({ __type: code, message }) };
}
