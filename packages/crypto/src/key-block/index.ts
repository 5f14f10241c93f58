export * from './header.ts';
export * from './key-block.ts';
