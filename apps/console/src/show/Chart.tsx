/** An ECharts chart that follows theme and size, with a description for those who cannot see it. */
import { BarChart, CustomChart, LineChart, SankeyChart, TreeChart } from 'echarts/charts';
import { DataZoomComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { usePreferences } from '../app/preferences.tsx';

echarts.use([
  BarChart,
  LineChart,
  CustomChart,
  SankeyChart,
  TreeChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  DataZoomComponent,
  CanvasRenderer,
]);

export function Chart({
  option,
  height,
  label,
}: {
  readonly option: object;
  readonly height: number;
  readonly label: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const { isDark } = usePreferences();
  useEffect(() => {
    if (place.current === null) return undefined;
    const chart = echarts.init(place.current, isDark ? 'dark' : undefined);
    chart.setOption({
      backgroundColor: 'transparent',
      animation: false,
      textStyle: { fontFamily: 'inherit' },
      ...option,
    });
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [option, isDark]);
  return <div ref={place} style={{ height }} role="img" aria-label={label} />;
}
