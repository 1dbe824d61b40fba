/** What a sender says about its own clocks: at wall time `ntp` its media clock stood at `rtpTimestamp`. */
export type SenderReport = {
  ssrc: number;
  /** Seconds since 1900, and 2^-32 seconds. */
  ntpSec: number;
  ntpFrac: number;
  /** 32 bits. */
  rtpTimestamp: number;
  packetCount: number;
  octetCount: number;
};

const senderReportType = 200;
const senderReportBytes = 28;

/** Milliseconds since 1900, good to a microsecond. */
export function ntpMsOf(report: SenderReport): number {
  return report.ntpSec * 1000 + (report.ntpFrac / 0x1_0000_0000) * 1000;
}

/** An RTCP sender report without report blocks (RFC 3550 6.4.1). */
export function encodeSenderReport(report: SenderReport): Uint8Array {
  const bytes = new Uint8Array(senderReportBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, senderReportType);
  view.setUint16(2, senderReportBytes / 4 - 1);
  view.setUint32(4, report.ssrc);
  view.setUint32(8, report.ntpSec);
  view.setUint32(12, report.ntpFrac);
  view.setUint32(16, report.rtpTimestamp);
  view.setUint32(20, report.packetCount);
  view.setUint32(24, report.octetCount);
  return bytes;
}

/** The sender reports of a compound RTCP packet; what is no RTCP gives none. */
export function parseSenderReports(data: Uint8Array): SenderReport[] {
  const reports: SenderReport[] = [];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at + 4 <= data.length; at += (view.getUint16(at + 2) + 1) * 4) {
    if (view.getUint8(at) >> 6 !== 2) break;
    if (view.getUint8(at + 1) !== senderReportType || at + senderReportBytes > data.length) continue;
    reports.push({
      ssrc: view.getUint32(at + 4),
      ntpSec: view.getUint32(at + 8),
      ntpFrac: view.getUint32(at + 12),
      rtpTimestamp: view.getUint32(at + 16),
      packetCount: view.getUint32(at + 20),
      octetCount: view.getUint32(at + 24),
    });
  }
  return reports;
}
