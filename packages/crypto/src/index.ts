export * from './aes-cmac.ts';
export * from './dispersion.ts';
export * from './key-agreement.ts';
export * from './mac.ts';
export * from './node-crypto.ts';
export * from './random.ts';
export * from './rsa-key.ts';
export * from './sm2.ts';
