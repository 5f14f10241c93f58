/** Card transports: in process, vpcd (both ends), PC/SC. */
export {};
