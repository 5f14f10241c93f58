/**
 * Loaded into the platform's process (`node --import`) by a soak that plants a fault in the host: the platform itself has
 * no switch for it.
 */
import { UploadQueue } from '../../apps/platform/src/gateway/upload-queue.ts';

export const HOST_FAULTS = ['answer-before-commit', 'duplicate-counted'] as const;

const fault = process.env['POLYCARD_SOAK_FAULT'];
const add = UploadQueue.prototype.add;

if (fault === 'answer-before-commit') {
  UploadQueue.prototype.add = function (upload) {
    add.call(this, upload).catch(() => undefined);
    return Promise.resolve('accepted');
  };
}
if (fault === 'duplicate-counted') {
  const seen = new Set<string>();
  UploadQueue.prototype.add = function (upload) {
    if (!seen.has(upload.id)) {
      seen.add(upload.id);
      return add.call(this, upload);
    }
    const traceNo = upload.traceNo + 500_000;
    const id = `${upload.id.slice(0, -6)}${traceNo}`;
    return add.call(this, { ...upload, id, traceNo, tap: { ...upload.tap, id, trace_no: traceNo } });
  };
}
