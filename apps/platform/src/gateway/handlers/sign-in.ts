/** Sign-in with working keys of the scheme asked for, echo test and sign-off. */
import { encodeSignInKeys, NETWORK_CODES, SIGN_IN_SCHEMES, schemeOf } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { actAs } from '../../modules/audit/acting.ts';
import { audit } from '../../modules/audit/service.ts';
import * as response from '../response-codes.ts';
import type { TerminalDirectory } from '../terminal-directory.ts';
import type { Handler, HandlerGroup } from './handler.ts';

export function signInHandlers(context: PlatformContext, terminals: TerminalDirectory): HandlerGroup {
  const signIn: Handler = async ({ terminal: known, field60 }) => {
    const terminal = (await terminals.refresh(known.terminalNo)) ?? known;
    if (terminal.stoppedSam !== undefined) {
      const refusal = {
        ...{ who: `terminal ${terminal.terminalNo}`, what: 'sign-in.refused', subject: terminal.stoppedSam },
        detail: { code: 'POLYCARD_SAM_STOPPED' },
      };
      await context.store.database.transaction().execute((transaction) => audit(transaction, context.now(), refusal));
      return { code: response.RC_97_TERMINAL };
    }
    const { code } = field60;
    const { acquirer } = terminal;
    if (!acquirer.signIns.includes(code)) return { code: response.RC_12_INVALID_TRANSACTION };
    const { algorithm, keyBytes, macKeyBytes, hasTrackKey } = schemeOf(code);
    const isSm4 = algorithm === 'SM4';
    const macBytes = isSm4 ? macKeyBytes : acquirer.macKeyBytes;
    // a single-length slot has no room for the two halves of X9.19
    if (macBytes > keyBytes) return { code: response.RC_12_INVALID_TRANSACTION };
    const keys = await actAs({ who: `terminal ${known.terminalNo}` }, () =>
      context.vault.issueWorkingKeys(terminal.sealedMasterKey, {
        ...{ algorithm: isSm4 ? 'SM4' : '3DES', keyBytes, macKeyBytes: macBytes, hasTrackKey },
      }),
    );
    await terminals.signedIn(terminal, keys.sealed);
    const { pinKey, macKey, trackKey } = keys;
    const keyField = encodeSignInKeys(
      { pinKey, macKey, ...(trackKey === undefined ? {} : { trackKey }) },
      code,
      macBytes,
    );
    return { code: response.RC_00_APPROVED, fields: { 62: keyField } };
  };
  const signOff: Handler = async ({ terminal }) => {
    await terminals.signedOff(terminal);
    return { code: response.RC_00_APPROVED };
  };
  const echo: Handler = async () => ({ code: response.RC_00_APPROVED });
  return {
    handlers: {
      ...Object.fromEntries(Object.keys(SIGN_IN_SCHEMES).map((code) => [`0800 ${code}`, signIn])),
      [`0820 ${NETWORK_CODES.echo}`]: echo,
      [`0820 ${NETWORK_CODES.signOff}`]: signOff,
    },
  };
}
