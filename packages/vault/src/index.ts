export * from './key-model.ts';
export { KeyVault, type KeyVaultOptions } from './key-vault.ts';
export { Pkcs11Vault, type Pkcs11VaultOptions, parsePkcs11Address } from './pkcs11/pkcs11-vault.ts';
export * from './shares.ts';
export { Keystore, type KeystoreStorage, restoreKeystore } from './software/keystore.ts';
export type { KeystoreSeal, Unsealing } from './software/seals.ts';
export { SoftwareVault, type SoftwareVaultOptions } from './software/software-vault.ts';
export type * from './vault.ts';
export { decipherFromZone, openFromZone } from './zone.ts';
