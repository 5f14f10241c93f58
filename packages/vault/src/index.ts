export { Keystore, type KeystoreStorage } from './software/keystore.ts';
export { decipherFromZone, openFromZone, SoftwareVault, type SoftwareVaultOptions } from './software/software-vault.ts';
export type * from './vault.ts';
