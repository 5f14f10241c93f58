/** Response codes (F39) this gateway answers with, and when. */
export const RC_00_APPROVED = '00';
/** Merchant number is not this terminal's. */
export const RC_03_MERCHANT = '03';
/** Message of a kind this gateway does not serve. */
export const RC_12_INVALID_TRANSACTION = '12';
/** A field is missing or cannot be read. */
export const RC_30_FORMAT = '30';
/** No settlement of this batch, or the batch upload is not of its result. */
export const RC_25_NO_RECORD = '25';
/** The PIN block holds no PIN under the session's key. */
export const RC_55_PIN = '55';
/** The card's product does not carry what is asked, or it is in another state of its life. */
export const RC_57_NOT_FOR_CARD = '57';
/** The key (terminal, batch, trace) was used for another message. */
export const RC_94_DUPLICATE = '94';
/** The platform could not make it durable: send it again. */
export const RC_96_SYSTEM = '96';
/** Unknown terminal, one that has not signed in, or whose PSAM is on the stop list. */
export const RC_97_TERMINAL = '97';
/** The MAC is wrong. */
export const RC_A0_MAC = 'A0';
