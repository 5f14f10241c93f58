/** Sign-in with working keys, echo test and sign-off. */
import { encodeSignInKeys, NETWORK_CODES } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { actAs } from '../../modules/audit/acting.ts';
import * as response from '../response-codes.ts';
import type { TerminalDirectory } from '../terminal-directory.ts';
import type { Handler, HandlerGroup } from './handler.ts';

export function signInHandlers(context: PlatformContext, terminals: TerminalDirectory): HandlerGroup {
  const signIn: Handler = async ({ terminal: known }) => {
    const terminal = (await terminals.refresh(known.terminalNo)) ?? known;
    const keys = await actAs({ who: `terminal ${known.terminalNo}` }, () =>
      context.vault.issueWorkingKeys(terminal.sealedMasterKey),
    );
    await terminals.signedIn(terminal, keys.sealedMacKey);
    const keyField = encodeSignInKeys({ pinKey: keys.pinKey, macKey: keys.macKey });
    return { code: response.RC_00_APPROVED, fields: { 62: keyField } };
  };
  const acknowledge: Handler = async () => ({ code: response.RC_00_APPROVED });
  return {
    handlers: {
      [`0800 ${NETWORK_CODES.signInDoubleLength}`]: signIn,
      [`0820 ${NETWORK_CODES.echo}`]: acknowledge,
      [`0820 ${NETWORK_CODES.signOff}`]: acknowledge,
    },
  };
}
