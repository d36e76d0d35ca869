export default function Page() {
  return <h1>The rowing club</h1>;
}
