/**
 * Industry business as 0200: inquiry, activation, record update. What is asked and told stands in F57 (our extension,
 * docs/reference/industry-extension.md); every step is answered for itself and may be sent again.
 */
import { encodeTlvs, fromHex, parseTlv, tlvMap } from '@polycard/bytes';
import { BUSINESS_STEP, BUSINESS_TAG, ONLINE_BUSINESS } from '@polycard/iso8583';
import type { PlatformContext } from '../../context.ts';
import { type IndustryAnswer, IndustryDesk } from '../../modules/online/industry-desk.ts';
import { type RecordChange, RecordDesk } from '../../modules/online/record-desk.ts';
import * as response from '../response-codes.ts';
import type { Answer, HandlerGroup } from './handler.ts';
import { type SealedIncoming, sealed } from './sealed.ts';

/** What F57 of a request holds. */
interface Asked {
  readonly token: string;
  readonly application: string | undefined;
  readonly step: number | undefined;
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

export function industryHandlers(context: PlatformContext): HandlerGroup {
  const desk = new IndustryDesk(context);
  const records = new RecordDesk(context);
  const business = (work: (incoming: SealedIncoming, asked: Asked) => Promise<Answer>) =>
    sealed(context, async (incoming) => {
      const asked = askedIn(context, incoming);
      const { token, application, step } = asked;
      const isFact = step === BUSINESS_STEP.done || step === BUSINESS_STEP.found;
      const refusal = await desk.refusal(incoming.terminal, token, { application, isFact });
      return refusal === undefined ? work(incoming, asked) : { code: refusal };
    });
  const inquiry = business(async (_incoming, { token, application }) => {
    const found = await desk.applications(token, application);
    if (found.length === 0) return { code: response.RC_57_NOT_FOR_CARD };
    return { code: response.RC_00_APPROVED, fields: { 57: encodeTlvs(found.flatMap(objectsOf)) } };
  });
  const activation = business(async ({ terminal }, { token, application, step, objects }) => {
    if (application === undefined) return { code: response.RC_30_FORMAT };
    switch (step) {
      case BUSINESS_STEP.ask:
        return answerOf(await desk.mayActivate(token, application));
      case BUSINESS_STEP.command: {
        const [part, challenge] = [objects.get(BUSINESS_TAG.part)?.[0], objects.get(BUSINESS_TAG.challenge)];
        if (part === undefined || part === 0 || challenge?.length !== CHALLENGE_BYTES)
          return { code: response.RC_30_FORMAT };
        return answerOf(await desk.activationCommand(terminal, { token, application, part, challenge }));
      }
      case BUSINESS_STEP.done: {
        const checkValues = objects.get(BUSINESS_TAG.checkValues);
        if (checkValues === undefined) return { code: response.RC_30_FORMAT };
        return answerOf(await desk.activated(terminal, { token, application, checkValues }));
      }
      case BUSINESS_STEP.found:
        return answerOf(await desk.activated(terminal, { token, application, checkValues: undefined }));
      default:
        return { code: response.RC_30_FORMAT };
    }
  });
  const recordUpdate = business(async ({ terminal, message, field60 }, { token, application, step, objects }) => {
    const change = application === undefined ? undefined : changeIn(token, application, objects);
    if (change === undefined) return { code: response.RC_30_FORMAT };
    if (step === BUSINESS_STEP.command)
      return answerOf(await records.command(terminal, change, objects.get(BUSINESS_TAG.part)?.[0] ?? 1));
    if (step !== BUSINESS_STEP.done && step !== BUSINESS_STEP.found) return { code: response.RC_30_FORMAT };
    const { terminalNo } = terminal;
    const key = { terminalNo, batchNo: field60.batchNo, traceNo: Number(message.required(11)) };
    return answerOf(await records.done(terminal, key, change));
  });
  return {
    handlers: {
      [`0200 ${ONLINE_BUSINESS['industry-inquiry'].type}`]: inquiry,
      [`0200 ${ONLINE_BUSINESS['industry-activation'].type}`]: activation,
      [`0200 ${ONLINE_BUSINESS['industry-record-update'].type}`]: recordUpdate,
    },
  };
}

const CHALLENGE_BYTES = 8;
const RECORD_NAME_BYTES = 3;

/** Undefined where an object is missing or has another length. */
function changeIn(token: string, application: string, objects: Asked['objects']): RecordChange | undefined {
  const [name, atc] = [objects.get(BUSINESS_TAG.record), objects.get(BUSINESS_TAG.atc)];
  const [before, after] = [objects.get(BUSINESS_TAG.contentBefore), objects.get(BUSINESS_TAG.content)];
  if (name?.length !== RECORD_NAME_BYTES || atc?.length !== 2 || before === undefined || after === undefined)
    return undefined;
  const { 0: sfi } = name as unknown as [number];
  return {
    ...{ token, application, sfi, recordId: name.subarray(1), atc: (atc[0]! << 8) | atc[1]! },
    ...{ before: before.slice(), after: after.slice() },
  };
}

function askedIn({ vault }: PlatformContext, { message }: SealedIncoming): Asked {
  message.required(57);
  const objects = tlvMap(parseTlv(message.raw(57)!, 'F57'));
  const application = objects.get(BUSINESS_TAG.application);
  return {
    token: vault.token(message.required(2)),
    application: application === undefined ? undefined : new TextDecoder().decode(application),
    step: objects.get(BUSINESS_TAG.step)?.[0],
    objects,
  };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function objectsOf({ application, state, aid }: NonNullable<IndustryAnswer['application']>) {
  return [
    [BUSINESS_TAG.application, utf8(application)],
    [BUSINESS_TAG.state, utf8(state)],
    ...(aid === undefined ? [] : [[BUSINESS_TAG.aid, fromHex(aid)] as const]),
  ] as (readonly [string, Uint8Array])[];
}

function answerOf({ code, application, parts, command, checkValues }: IndustryAnswer): Answer {
  const objects: (readonly [string, Uint8Array])[] = [
    ...(application === undefined ? [] : objectsOf(application)),
    ...(parts === undefined ? [] : [[BUSINESS_TAG.parts, Uint8Array.of(parts)] as const]),
    ...(command === undefined ? [] : [[BUSINESS_TAG.command, fromHex(command)] as const]),
    ...(checkValues === undefined ? [] : [[BUSINESS_TAG.checkValues, fromHex(checkValues)] as const]),
  ];
  return { code, ...(objects.length === 0 ? {} : { fields: { 57: encodeTlvs(objects) } }) };
}
