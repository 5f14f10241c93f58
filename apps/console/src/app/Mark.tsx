export function Mark() {
  return (
    <svg width="30" height="22" viewBox="0 0 30 22" aria-hidden="true">
      <rect width="30" height="22" rx="4" fill="#1f5fbf" />
      <rect x="4" y="6" width="7" height="6" rx="1.2" fill="#f2c14e" />
      <rect x="4" y="15" width="14" height="2" rx="1" fill="#fff" opacity="0.75" />
    </svg>
  );
}
