/** A card of a running platform, made as its bureau makes them, kept in a file: for trying terminals on a desk. */
import { resolve } from 'node:path';
import { VirtualCard } from '@polycard/card';
import { systemRandom } from '@polycard/crypto';
import { Bureau, openZone, type PlatformPosts } from '@polycard/fleet';
import { readBlueprint } from '@polycard/platform/blueprint-files';
import { Command } from 'commander';
import { productOf } from '../card-product.ts';
import { writeCardSnapshot } from '../card-snapshot-file.ts';
import { type AccessOptions, atPlatform, withAccess } from '../keys-access.ts';

interface IssueOptions extends AccessOptions {
  readonly product?: string;
  readonly city?: string;
  readonly save: string;
}

export function cardIssueCommand(): Command {
  return withAccess(new Command('issue'), 'bureau-agent')
    .description('Issue a virtual card at a running platform and keep it in a file')
    .requiredOption('--save <file>', 'where the card is kept; it holds its keys, only its owner may read it')
    .option('--product <id>', 'card product; default the first of the blueprint')
    .option('--city <code>', 'home city of the card; default the first of the blueprint')
    .addHelpText(
      'after',
      `
Applications that a counter opens (water, health ...) come dormant: open them with terminal run --activate.

Examples:
  POLYCARD_PASSWORD=... polycard card issue --save card.json
  polycard card issue --product citizen-lingnan --save card.json --password-file data/first-passwords.txt --as cao-jun
  polycard terminal run --host 127.0.0.1:7321 --dir counter --profile counter --load 50.00 --reader virtual --snapshot card.json
  polycard card inspect --reader virtual --snapshot card.json`,
    )
    .action(issue);
}

async function issue(options: IssueOptions): Promise<void> {
  const blueprint = readBlueprint(resolve(options.blueprint));
  const product = productOf(blueprint, options.product);
  const homeCity = options.city ?? blueprint.manifest.cities[0]!.code;
  const card = await atPlatform(options, async (session) => {
    const api: PlatformPosts = { post: (path, body) => session.json('POST', path, body) };
    const zone = await openZone(api, 'card-issue', 'cards', systemRandom);
    const bureau = new Bureau(api, zone, systemRandom, blueprint.cards.profile.cardRsaBits);
    const [issued] = await bureau.issue([{ product: product.id, homeCity, classes: {} }], () => undefined);
    return issued!;
  });
  writeCardSnapshot(resolve(options.save), VirtualCard.restore(card.snapshot, { random: systemRandom }));
  const { token, panMasked } = card;
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ product: product.id, homeCity, token, panMasked, file: resolve(options.save) })}\n`
      : `${product.name.en} · ${product.name.zh} ${panMasked}, token ${token}, kept in ${options.save}\n`,
  );
}
