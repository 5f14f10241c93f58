export type { BrokenVariant, CaseResult, Kind, Verdict } from './case.ts';
export { BROKEN_HOSTS } from './host/broken-hosts.ts';
export { reachable, runHostCases } from './host/run-host.ts';
export { runOwnHost } from './host/self-host.ts';
export { identityOf, parseEnrolment, type TerminalIdentity } from './line/identity.ts';
export { htmlReport } from './report/html.ts';
export { type Report, reportOf } from './report/summary.ts';
export { type OwnPlatform, startOwnPlatform } from './self/own-platform.ts';
