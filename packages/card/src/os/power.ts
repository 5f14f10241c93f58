/** Power of a card: every physical write is a numbered step, and a test or a simulation may cut the power at any of them. */
import { PolycardError } from '@polycard/bytes';

/** Asked before each physical write with its number, counted from 0; true takes the field away right there. */
export type PowerCutHook = (stepNumber: number) => boolean;

/** The card left the field in the middle of a write. It answers nothing until `reset()`. */
export class PowerCut extends PolycardError {
  readonly stepNumber: number;

  constructor(stepNumber: number) {
    super('POLYCARD_CHANNEL_CARD_LOST', `power was cut at physical write ${stepNumber}`);
    this.name = 'PowerCut';
    this.stepNumber = stepNumber;
  }
}

export class PowerSupply {
  #hook: PowerCutHook | undefined;
  #step = 0;
  isOn = true;

  /** Sets the hook and starts counting steps at 0. */
  set hook(hook: PowerCutHook | undefined) {
    this.#hook = hook;
    this.#step = 0;
  }

  /** Physical writes since the hook was set. */
  get steps(): number {
    return this.#step;
  }

  /** One physical write; a cut leaves what `torn` does of it and throws `PowerCut`. */
  write(whole: () => void, torn?: () => void): void {
    const step = this.#step++;
    if (this.#hook?.(step) === true) {
      torn?.();
      this.isOn = false;
      throw new PowerCut(step);
    }
    whole();
  }
}
