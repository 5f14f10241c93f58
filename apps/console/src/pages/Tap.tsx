import { useParams } from 'react-router';
import { TapView } from './TapView.tsx';

export default function Tap() {
  const { id = '' } = useParams();
  return <TapView id={id} />;
}
