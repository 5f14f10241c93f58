/** The platform's API, typed from its OpenAPI document. */
import createClient from 'openapi-fetch';
import type {
  GetCardAnswer,
  GetOverviewAnswer,
  GetSettlementDayAnswer,
  GetTapAnswer,
  ListTapsAnswer,
  paths,
} from '../generated/api.ts';
import type { Words } from '../i18n/language.tsx';

export const client = createClient<paths>({ baseUrl: '/' });

export type Overview = GetOverviewAnswer;
export type TapDetail = GetTapAnswer;
export type TapRow = ListTapsAnswer['rows'][number];
export type Exchange = TapDetail['dialogue'][number];
export type DecodedRecord = GetCardAnswer['records'][number];
export type SettlementDetail = GetSettlementDayAnswer;

/** What the platform says when it refuses: code, words, where, what to do. */
export interface Problem {
  readonly code: string;
  readonly message: Words;
  readonly where?: string;
  readonly action?: Words;
}

export class ApiError extends Error {
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem, status: number) {
    super(problem.message.en);
    this.problem = problem;
    this.status = status;
  }
}

const UNREACHABLE: Problem = {
  code: 'POLYCARD_CONSOLE_UNREACHABLE',
  message: { en: 'The platform does not answer.', zh: '平台没有响应。' },
  action: { en: 'Check that it is running, then try again.', zh: '请确认平台正在运行，然后重试。' },
};

/** Data of an answer, or an ApiError with the platform's own words. */
export async function answerOf<T>(request: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let result: { data?: T; error?: unknown; response: Response };
  try {
    result = await request;
  } catch {
    throw new ApiError(UNREACHABLE, 0);
  }
  if (!result.response.ok)
    throw new ApiError((result.error as Problem | undefined) ?? UNREACHABLE, result.response.status);
  return result.data as T;
}
