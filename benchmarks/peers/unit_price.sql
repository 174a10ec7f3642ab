-- Yuan paid by named buyers, and how many they are, per natural month.
select date_trunc('month', paid_at)::date as start,
    sum(paid_fen) filter (buyer is not null) / 100 as numerator,
    count(distinct buyer) as denominator
from read_parquet('{orders}') where paid_at is not null and paid_fen is not null
group by start
