/** What an answer code (F39) of online business means at the counter. */
const WORDS: Readonly<Record<string, string>> = {
  '12': 'the host does not serve this business',
  '13': 'the amount is not that of the card',
  '14': 'no card of this number was issued',
  '21': 'it was reversed before it came',
  '25': 'there is nothing it belongs to',
  '30': 'a field is missing or cannot be read',
  '57': 'the card or its product may not have it',
  '59': "the card's cryptogram is wrong or was used before",
  '61': 'over the limit: of an amount, of a day, or of what the card may hold',
  '62': 'the card is stopped or listed',
  '91': 'nobody answers for the issuer',
  '94': 'the number was used for another message',
  '96': 'the host could not make it durable',
  '97': 'the host does not know this terminal or its session',
  A0: 'the host found the MAC wrong',
};

export const answerWords = (code: string): string =>
  `the host answered ${code}${WORDS[code] === undefined ? '' : `: ${WORDS[code]}`}`;
