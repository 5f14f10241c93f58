import { useQuery } from '@tanstack/react-query';
import { Table, Tag } from 'antd';
import { Link, useNavigate } from 'react-router';
import { answerOf, client } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { Loaded } from '../show/states.tsx';
import { Count, Money } from '../show/values.tsx';

export default function Settlement() {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const days = useQuery({ queryKey: ['settlement'], queryFn: () => answerOf(client.GET('/api/settlement')) });
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('nav.settlement')}</h1>
      </div>
      <Loaded query={days}>
        {(rows) => (
          <Table
            size="small"
            rowKey="businessDate"
            pagination={false}
            dataSource={[...rows]}
            rowClassName="openable"
            onRow={(day) => ({ onClick: () => navigate(`/settlement/${day.businessDate}`) })}
            locale={{ emptyText: t('overview.empty') }}
            columns={[
              {
                title: t('col.day'),
                render: (_, day) => (
                  <Link to={`/settlement/${day.businessDate}`} className="number">
                    {day.businessDate}
                  </Link>
                ),
              },
              {
                title: t('col.state'),
                render: (_, day) => (
                  <Tag color={day.state === 'closed' ? 'success' : 'processing'}>{t(`settlement.${day.state}`)}</Tag>
                ),
              },
              { title: t('col.taps'), align: 'right', render: (_, day) => <Count value={day.taps} /> },
              { title: t('col.charged'), align: 'right', render: (_, day) => <Money fen={day.chargedFen} /> },
              { title: t('col.postings'), align: 'right', render: (_, day) => <Count value={day.postings} /> },
              { title: t('col.sum'), align: 'right', render: (_, day) => <Money fen={day.sumFen} /> },
            ]}
          />
        )}
      </Loaded>
    </div>
  );
}
