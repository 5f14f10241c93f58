/** The region's card specification for the console: what stands in the blueprint, each layout with an example filled in. */
import {
  type Application,
  applicationKeys,
  type Blueprint,
  type DataElement,
  exampleOf,
  type FileAccess,
  type LocalName,
  type RecordLayout,
} from '@polycard/blueprint';
import { toHex } from '@polycard/bytes';
import type { Static } from 'typebox';
import type { DecodedRecord } from '../api-types.ts';
import { decodedFields } from '../taps/decode-records.ts';
import type { DataElementView, FileAccessView, Specification, SpecifiedApplication, SpecifiedFile } from './api.ts';

type NamedLayout = RecordLayout & {
  readonly name: string;
  readonly title: LocalName;
  readonly recordId?: string;
};

export function specification(blueprint: Blueprint): Static<typeof Specification> {
  return {
    region: blueprint.manifest.name,
    version: blueprint.manifest.version,
    applications: blueprint.applications.map((application) => applicationView(application, blueprint)),
  };
}

function applicationView(application: Application, blueprint: Blueprint): Static<typeof SpecifiedApplication> {
  const { lifeCycle, cardClasses, provider, version, source } = application;
  return {
    id: application.application,
    name: application.name,
    kind: application.kind,
    aid: application.aid,
    ...(provider === undefined ? {} : { provider }),
    ...(version === undefined ? {} : { version }),
    ...(source === undefined ? {} : { source }),
    memoryBytes: application.memoryBytes,
    keys: applicationKeys(application),
    states: lifeCycle.states.map(({ id, code, name }) => ({ id, code, name })),
    transitions: lifeCycle.transitions.map((transition) => ({ ...transition })),
    classes: cardClasses.map(({ id, validMonths, reviewMonths }) => ({
      id,
      validMonths,
      ...(reviewMonths === undefined ? {} : { reviewMonths }),
    })),
    products: blueprint.cards.products
      .filter((product) => application.kind === 'financial' || product.applications.includes(application.application))
      .map((product) => product.name),
    files: filesOf(application),
    elements: application.kind === 'financial' ? elementsOf(application) : [],
  };
}

function filesOf(application: Application): Static<typeof SpecifiedFile>[] {
  return application.files.map((file) => {
    const records: readonly NamedLayout[] = file.records ?? [];
    return {
      sfi: file.sfi,
      ...('fid' in file ? { fid: file.fid } : {}),
      ...('title' in file ? { title: file.title } : {}),
      type: file.type,
      ...(file.recordsMax === undefined ? {} : { recordsMax: file.recordsMax }),
      ...('sizeBytes' in file && file.sizeBytes !== undefined ? { sizeBytes: file.sizeBytes } : {}),
      access: accessView(file.access),
      ...('activationKey' in file ? { activationKey: file.activationKey } : {}),
      records: records.map((record) => exampleView(application.application, file.sfi, record)),
    };
  });
}

function accessView({ read, update, append, readPart }: FileAccess): Static<typeof FileAccessView> {
  return {
    read,
    update,
    ...(append === undefined ? {} : { append }),
    ...(readPart === undefined ? {} : { readPart: `first ${readPart.bytes} bytes: ${readPart.condition}` }),
  };
}

function exampleView(application: string, sfi: string, record: NamedLayout): Static<typeof DecodedRecord> {
  const { bytes, values } = exampleOf(record);
  return {
    application,
    record: record.name,
    title: record.title,
    sfi,
    ...(record.recordId === undefined ? {} : { recordId: record.recordId }),
    hex: toHex(bytes),
    fields: decodedFields(record.fields, bytes, values),
  };
}

function elementsOf(application: Extract<Application, { kind: 'financial' }>): Static<typeof DataElementView>[] {
  const view = (element: DataElement, where: string): Static<typeof DataElementView> => ({
    tag: element.tag,
    name: element.title,
    lengthBytes: element.length,
    where,
    ...(element.clause === undefined ? {} : { clause: element.clause }),
  });
  const inRecords = application.files.flatMap((file) =>
    (file.tlvRecords ?? []).flatMap((record) =>
      record.elements.map((element) => view(element, `SFI ${file.sfi} record ${record.number}, DGI ${record.dgi}`)),
    ),
  );
  const outside = application.data.map((element) => ({
    ...view(element, `DGI ${element.dgi}`),
    read: element.read,
    update: element.update,
  }));
  return [...inRecords, ...outside];
}
