/**
 * CA keys (372 list, 370 one, 371 end) and AID parameters (382, 380, 381): a terminal asks what there is, telling how many
 * it was told already, then fetches each by its name.
 */
import { fromHex, toHex } from '@polycard/bytes';
import { sha1 } from '@polycard/crypto';
import {
  encodeObject,
  encodeObjectAnswer,
  encodeObjectListAnswer,
  type ObjectName,
  parseObjectListQuery,
  parseObjectName,
} from '@polycard/iso8583';
import { certificationAuthorityKeys } from '../../ca-keys.ts';
import type { PlatformContext } from '../../context.ts';
import { CA_KEY_LABEL } from '../../region.ts';
import * as response from '../response-codes.ts';
import type { Handler, HandlerGroup } from './handler.ts';

/** F62 has 999 bytes, the first is the status. */
const NAMES_BYTES_MAX = 998;
/** A CA key without an end of validity expires so many years after it was made. */
const CA_KEY_YEARS = 20;
const SHA_1 = Uint8Array.of(1);
const RSA = Uint8Array.of(1);

export function objectDownloadHandlers(context: PlatformContext): HandlerGroup {
  const list =
    (objects: () => Promise<readonly ObjectName[]>, nameTags: readonly string[]): Handler =>
    async ({ message }) => {
      const held = parseObjectListQuery(message.raw(62) ?? new Uint8Array(0));
      const names = (await objects()).map((object) => named(object, nameTags));
      return { code: response.RC_00_APPROVED, fields: { 62: encodeObjectListAnswer(pageAfter(names, held)) } };
    };
  const one =
    (objects: () => Promise<readonly ObjectName[]>, nameTags: readonly string[]): Handler =>
    async ({ message }) => {
      const asked = parseObjectName(message.raw(62) ?? new Uint8Array(0));
      const found = (await objects()).find((object) =>
        nameTags.every((tag) => isSame(object.get(tag), asked.get(tag))),
      );
      return { code: response.RC_00_APPROVED, fields: { 62: encodeObjectAnswer(found) } };
    };
  const end: Handler = async () => ({ code: response.RC_00_APPROVED });
  const caKeys = (): Promise<ObjectName[]> => caKeyObjects(context);
  const aids = async (): Promise<ObjectName[]> =>
    (context.region.blueprint.terminals.docking?.aids ?? []).map(
      (row) => new Map(Object.entries(row).map(([tag, hex]) => [tag, fromHex(hex)])),
    );
  return {
    handlers: {
      '0820 372': list(caKeys, ['9F06', '9F22', 'DF05']),
      '0800 370': one(caKeys, ['9F06', '9F22']),
      '0800 371': end,
      '0820 382': list(aids, ['9F06']),
      '0800 380': one(aids, ['9F06']),
      '0800 381': end,
    },
  };
}

async function caKeyObjects({ vault, region }: PlatformContext): Promise<ObjectName[]> {
  const { validUntil, createdAt } = await vault.show(CA_KEY_LABEL);
  const end = new Date(validUntil ?? createdAt);
  if (validUntil === undefined) end.setUTCFullYear(end.getUTCFullYear() + CA_KEY_YEARS);
  const expiry = end.toISOString().slice(0, 10).replaceAll('-', '');
  return certificationAuthorityKeys(vault, region).map((key) => {
    const [rid, index] = [fromHex(key.rid), fromHex(key.index)];
    const [modulus, exponent] = [fromHex(key.modulus), fromHex(key.exponent)];
    return new Map([
      ['9F06', rid],
      ['9F22', index],
      ['DF05', new Uint8Array(Buffer.from(expiry, 'latin1'))],
      ['DF06', SHA_1],
      ['DF07', RSA],
      ['DF02', modulus],
      ['DF04', exponent],
      ['DF03', sha1(rid, index, modulus, exponent)],
    ]);
  });
}

function named(object: ObjectName, tags: readonly string[]): ObjectName {
  return new Map(tags.flatMap((tag) => (object.has(tag) ? [[tag, object.get(tag)!] as const] : [])));
}

/** The names after those the terminal was told, as many as fit. */
function pageAfter(names: readonly ObjectName[], held: number): Parameters<typeof encodeObjectListAnswer>[0] {
  const rest = names.slice(held);
  if (rest.length === 0) return { status: 'none', names: [] };
  const page: ObjectName[] = [];
  let bytes = 0;
  for (const name of rest) {
    bytes += encodeObject(name).length;
    if (bytes > NAMES_BYTES_MAX) return { status: 'more', names: page };
    page.push(name);
  }
  return { status: held === 0 ? 'all' : 'last', names: page };
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && toHex(a) === toHex(b);
}
