/** The files of a blueprint's folder for commands that work on blueprints of any state. */
import { existsSync, statSync } from 'node:fs';
import { BlueprintError, type BlueprintFile, type BlueprintProblem, problemOf } from '@polycard/blueprint';
import { PolycardError } from '@polycard/bytes';
import { blueprintFilesIn, readBlueprintFiles } from '@polycard/platform/blueprint-files';

export interface BlueprintFolder {
  readonly files: readonly BlueprintFile[];
  /** Why the folders it extends could not be laid over one another. */
  readonly problems: readonly BlueprintProblem[];
}

/** Throws `POLYCARD_CLI_ARGUMENT` when there is no such folder; everything else that is wrong is a problem of it. */
export function readBlueprintFolder(directory: string): BlueprintFolder {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new PolycardError('POLYCARD_CLI_ARGUMENT', `there is no folder ${directory}`, {
      where: 'DIR',
      expected: 'the folder of a blueprint, e.g. blueprints/guangdong',
    });
  }
  try {
    return { files: readBlueprintFiles(directory), problems: [] };
  } catch (error) {
    if (error instanceof BlueprintError) return { files: [], problems: error.findings.map(problemOf) };
    if (!(error instanceof PolycardError)) throw error;
    if (error.code === 'POLYCARD_BLUEPRINT_NOT_FOUND') return { files: blueprintFilesIn(directory), problems: [] };
    const { expected = 'a blueprint that can be extended', message } = error;
    const finding = { file: 'blueprint.yaml', path: '/extends', expected, found: message };
    return { files: [], problems: [problemOf({ code: 'overlay-parent', ...finding })] };
  }
}
