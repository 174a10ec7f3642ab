-- Rolling 180 days of the ratings that count: of closed trades none, of a buyer and month three.
-- Trades are looked up for those buyers only who rate more than three times at all.
with rated as materialized (
    select order_id, nth, rated_at, buyer, description, service, logistics
    from read_parquet('{ratings}')
    where coalesce(description, service, logistics) is not null
        and order_id not in (select order_id from read_parquet('{orders}') where status = 'closed')
),
named as materialized (
    select order_id, nth, rated_at, buyer from rated where buyer is not null
    union all
    select r.order_id, r.nth, r.rated_at, o.buyer
    from rated as r join read_parquet('{orders}') as o using (order_id)
    where r.buyer is null and o.buyer is not null
),
over_cap as (
    select n.order_id, n.rated_at, n.nth
    from named as n left join read_parquet('{orders}') as o using (order_id)
    where n.buyer in (
        select buyer from named where not contains(buyer, '*') group by buyer having count(*) > 3
    )
    qualify row_number() over (
        partition by n.buyer, date_trunc('month', coalesce(o.received_at, n.rated_at))
        order by coalesce(o.received_at, n.rated_at), n.rated_at, n.order_id, n.nth
    ) > 3
),
counted as (
    select rated_at::date as day, description, service, logistics
    from rated anti join over_cap using (order_id, rated_at, nth)
),
daily as (
    select day, sum(description) as s1, count(description) as n1,
        sum(service) as s2, count(service) as n2, sum(logistics) as s3, count(logistics) as n3
    from counted group by day
),
calendar as (
    select unnest(generate_series(min(day), max(day), interval 1 day))::date as day from daily
),
rolling as (
    select day, sum(s1) over w as s1, sum(n1) over w as n1, sum(s2) over w as s2, sum(n2) over w as n2,
        sum(s3) over w as s3, sum(n3) over w as n3
    from calendar left join daily using (day)
    window w as (order by day range between interval 179 days preceding and current row)
)
select 'dsr_description' as metric, day as start, s1 as numerator, n1 as denominator from rolling where n1 > 0
union all select 'dsr_service', day, s2, n2 from rolling where n2 > 0
union all select 'dsr_logistics', day, s3, n3 from rolling where n3 > 0
