/** GlobalPlatform: secure channels, commands and data objects, card side and host side from one description. */
export {};
