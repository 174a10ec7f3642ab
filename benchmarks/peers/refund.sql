-- Cases retained and decided, by number and by amount, per day of the first application.
with applications as (
    select *, coalesce(contains(kind, '换货'), false) as exchange from read_parquet('{refunds}')
),
cases as materialized (
    select min(asked_at)::date as start,
        bool_or(outcome = 'success' and not exchange) as lost,
        bool_or(outcome = 'open') as open,
        coalesce(max(amount_fen), max(paid_fen)) as asked_fen,
        coalesce(sum(amount_fen) filter (outcome = 'success' and not exchange), 0) as lost_fen
    from applications group by order_id
),
decided as (
    select start, lost, lost_fen, greatest(asked_fen - lost_fen, 0) as kept_fen, asked_fen is null as unknown
    from cases where lost or not open
)
select 'refund_retention' as metric, start, count(*) filter (not lost) as numerator, count(*) as denominator
from decided group by start
union all
select 'refund_retention_amount', start, sum(kept_fen) / 100, sum(kept_fen + lost_fen) / 100
from decided where not unknown group by start having sum(kept_fen + lost_fen) > 0
