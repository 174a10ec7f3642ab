-- Rolling 180 days of the ratings that count: of closed trades none, of a buyer and month three.
with rated as (
    select r.order_id, r.nth, r.rated_at, r.rated_at::date as day, r.description, r.service, r.logistics,
        coalesce(r.buyer, o.buyer) as buyer, coalesce(o.received_at, r.rated_at) as ended_at
    from read_parquet('{ratings}') as r left join read_parquet('{orders}') as o using (order_id)
    where o.status is distinct from 'closed'
        and coalesce(r.description, r.service, r.logistics) is not null
),
counted as (
    select day, description, service, logistics from rated
    qualify buyer is null or contains(buyer, '*') or row_number() over (
        partition by buyer, date_trunc('month', ended_at) order by ended_at, rated_at, order_id, nth
    ) <= 3
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
