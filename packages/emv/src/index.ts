export * from './application-cryptogram.ts';
export * from './bit-tables.ts';
export * from './capp.ts';
export * from './certificates.ts';
export { commandName } from './command-names.ts';
export * from './decode-value.ts';
export * from './describe-command.ts';
export * from './describe-tlv.ts';
export * from './dialogue/check-dialogue.ts';
export * from './dynamic-signer.ts';
export * from './explain/index.ts';
export * from './industry-activation.ts';
export {
  type Condition,
  type ConditionTerm,
  contentsDgi,
  FILE_TYPES,
  type IndustryCardData,
  type IndustryFileDescription,
  type IndustryFileSpecification,
  industryFileGroupings,
  industryLayoutGroupings,
  industryPinBlock,
  KEY_USES,
  LIFE_CYCLE_COMMANDS,
  NO_PART,
  TERM_KINDS,
} from './industry-application.ts';
export * from './industry-files.ts';
export * from './issuer-application-data.ts';
export * from './issuer-host.ts';
export * from './issuer-keys.ts';
export * from './issuer-script.ts';
export * from './issuer-script-template.ts';
export * from './load-log.ts';
export * from './mask-response.ts';
export * from './offline-data-authentication.ts';
export * from './pin-block.ts';
export * from './purse/cryptography.ts';
export * from './purse/issuer.ts';
export * from './purse/records.ts';
export * from './record-key-replacement.ts';
export * from './sm2-certificates.ts';
export * from './tag-dictionary.ts';
export * from './tags.ts';
