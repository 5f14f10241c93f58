/** Hash-chained audit entries and their offline verification. */
export {};
