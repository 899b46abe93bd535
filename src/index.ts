/** Placeholder. */
export class Placeholder {}
