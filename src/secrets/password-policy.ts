import { createHash } from 'node:crypto';
import { Token } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { validateWholeNumber } from '../properties/numbers';
import { BOOLEAN, NUMBER, PropertyTypes, STRING, validateTypes } from '../properties/property-types';

const MINIMUM_LENGTH = 16;
const MAXIMUM_LENGTH = 128;
/** Ten digits at the minimum length are 53 bits: anything below is guessable. */
const MINIMUM_CHARACTERS = 10;

const UPPERCASE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const NUMBERS = '0123456789';

/** Properties of a PasswordPolicy. */
export interface PasswordPolicyProps {
  /**
   * Number of characters of a generated password, 16 to 128.
   *
   * The API secret key and the JWT secret have at least 64 characters whatever the length here.
   *
   * @default 32
   */
  readonly length?: number;

  /**
   * Letters or digits that a password must not contain, for example `0O1lI`.
   *
   * @default - none
   */
  readonly excludeCharacters?: string;

  /**
   * Whether passwords have no uppercase letters.
   *
   * @default false
   */
  readonly excludeUppercase?: boolean;

  /**
   * Whether passwords have no lowercase letters.
   *
   * @default false
   */
  readonly excludeLowercase?: boolean;

  /**
   * Whether passwords have no digits.
   *
   * @default false
   */
  readonly excludeNumbers?: boolean;
}

const TYPES: PropertyTypes<PasswordPolicyProps> = {
  length: NUMBER,
  excludeCharacters: STRING,
  excludeUppercase: BOOLEAN,
  excludeLowercase: BOOLEAN,
  excludeNumbers: BOOLEAN,
};

/**
 * What a generated password looks like: letters and digits only.
 *
 * Airflow, Celery, SQLAlchemy, Flower and the image's entry point parse the password as a part of a URL, each in its own way, and
 * nearly every punctuation character breaks one of them. A policy that could produce another character is refused.
 *
 * @example
 * new AirflowSecrets(this, 'Secrets', {
 *   passwordPolicy: new PasswordPolicy({ length: 40, excludeCharacters: '0O1lI' }),
 * });
 */
export class PasswordPolicy {
  private readonly length: number;
  private readonly excludeCharacters: string;
  private readonly groups: CharacterGroup[];

  constructor(props: PasswordPolicyProps = {}) {
    validateTypes(props, TYPES);
    this.length = props.length ?? 32;
    this.excludeCharacters = props.excludeCharacters ?? '';
    this.groups = [
      new CharacterGroup(UPPERCASE, props.excludeUppercase, this.excludeCharacters),
      new CharacterGroup(LOWERCASE, props.excludeLowercase, this.excludeCharacters),
      new CharacterGroup(NUMBERS, props.excludeNumbers, this.excludeCharacters),
    ];

    validateWholeNumber('length', this.length, MINIMUM_LENGTH, MAXIMUM_LENGTH);
    validateAlphabet(this.groups.map(group => group.characters).join(''));
  }

  /**
   * Part of the construct ids of the secrets under this policy, empty for the default policy.
   *
   * With changed criteria Secrets Manager generates a new value, which nothing that already runs would hear of. A new secret has
   * a new ARN: everything that uses it is then deployed again.
   *
   * @internal
   */
  public get _idSuffix(): string {
    const criteria = this.criteria();
    return criteria === new PasswordPolicy().criteria() ? '' : createHash('sha256').update(criteria).digest('hex').slice(0, 8).toUpperCase();
  }

  /** @internal */
  public _render(minimumLength: number = MINIMUM_LENGTH): secretsmanager.SecretStringGenerator {
    const [uppercase, lowercase, numbers] = this.groups;
    return {
      passwordLength: Token.isUnresolved(this.length) ? this.length : Math.max(this.length, minimumLength),
      excludePunctuation: true,
      includeSpace: false,
      // a whole group that the characters exclude has to be excluded as a group, or "each included type" cannot be satisfied
      excludeUppercase: uppercase.excluded || undefined,
      excludeLowercase: lowercase.excluded || undefined,
      excludeNumbers: numbers.excluded || undefined,
      excludeCharacters: this.excludeCharacters || undefined,
    };
  }

  /** What is known of the policy at synthesis. */
  private criteria(): string {
    return JSON.stringify(this._render(), (_key, value) => Token.isUnresolved(value) ? undefined : value);
  }
}

class CharacterGroup {
  public readonly characters: string;

  constructor(all: string, excluded: boolean | undefined, excludeCharacters: string) {
    const allowed = Token.isUnresolved(excludeCharacters) ? all : [...all].filter(character => !excludeCharacters.includes(character)).join('');
    this.characters = excluded ? '' : allowed;
  }

  public get excluded(): boolean {
    return this.characters === '';
  }
}

function validateAlphabet(characters: string) {
  if (characters.length < MINIMUM_CHARACTERS) {
    throw new Error(`the password policy leaves ${characters.length} different characters (${JSON.stringify(characters)}), `
      + `at least ${MINIMUM_CHARACTERS} are needed: exclude fewer`);
  }
}
