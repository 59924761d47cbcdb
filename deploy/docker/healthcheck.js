// The image's health check: exit code 0 when ready. No shell, no curl.
const { ok } = await fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/ready`).catch(() => ({
  ok: false,
}));
process.exitCode = ok ? 0 : 1;
