/** A command that a card answers with an error status word. */
import { PolycardError, swHex } from '@polycard/bytes';

/** Thrown by the card side of a command description; the card answers `sw`. The message is for logs of a test card. */
export class Refusal extends PolycardError {
  readonly sw: number;

  constructor(sw: number, message: string, where?: string) {
    super('POLYCARD_GP_REFUSED', message, {
      expected: `answered ${swHex(sw)}`,
      ...(where === undefined ? {} : { where }),
    });
    this.name = 'Refusal';
    this.sw = sw;
  }
}
