//! Compares the searches with what they cannot beat: `measure FOLDER [QUERIES]`, on one core.
//!
//! The folder is one that `make_codes` wrote. Decoding its two columns alone is the limit of `hv_top_k`; the kernel over the
//! same vectors in memory is that of `hv_batch_top_k`. Each pair is measured in turn, and the medians are compared.

use std::error::Error;
use std::time::Instant;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use futures::StreamExt;
use hv_datafusion::hv_memory::HV16;
use hv_datafusion::hv_memory::hv_parallel::adaptive_batch_find_top_k;
use hv_datafusion::hv_memory::hv_parallel::hv_simd::simd_batch_find_top_k;

const ROUNDS: usize = 5;
const K: usize = 10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = arguments.first() else { return Err("measure FOLDER [QUERIES]".into()) };
    let count: u64 = arguments.get(1).map_or(Ok(1_000), |text| text.parse())?;
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    hv_datafusion::register(&context);
    context.register_parquet("t", folder, Default::default()).await?;

    let literal = |seed: u64| {
        let digits: String = HV16::random(seed).0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("X'{digits}'")
    };
    let decode = "SELECT id, v FROM t".to_owned();
    let search = format!("SELECT hv_top_k(id, v, {}, {K}) FROM t", literal(u64::MAX));
    let (mut decoding, mut searching, mut rows) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        rows = run(&context, &decode).await?;
        decoding.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        run(&context, &search).await?;
        searching.push(start.elapsed().as_secs_f64());
    }
    let (decoding, searching) = (median(decoding), median(searching));
    println!("{rows} rows: decoding {decoding:.3} s, hv_top_k {searching:.3} s");
    println!("hv_top_k has {:.0} % of the rate of decoding (bar: 60 %)", 100.0 * decoding / searching);

    let queries: Vec<HV16> = (0..count).map(|i| HV16::random(u64::MAX - i)).collect();
    let list: Vec<ScalarValue> = queries.iter().map(|query| ScalarValue::Binary(Some(query.0.to_vec()))).collect();
    let list = ScalarValue::List(ScalarValue::new_list(&list, &DataType::Binary, true));
    let search = format!("SELECT hv_batch_top_k(id, v, $q, {K}) FROM t");
    let memory = vectors(&context).await?;
    let (mut kernel, mut searching, mut adaptive) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        std::hint::black_box(simd_batch_find_top_k(&queries, &memory, K));
        kernel.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        drop_rows(context.sql(&search).await?.with_param_values(vec![("q", list.clone())])?, &context).await?;
        searching.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        std::hint::black_box(adaptive_batch_find_top_k(&queries, &memory, K));
        adaptive.push(start.elapsed().as_secs_f64());
    }
    let (kernel, searching, adaptive) = (median(kernel), median(searching), median(adaptive));
    println!(
        "{count} queries: in memory {kernel:.3} s, hv_batch_top_k {searching:.3} s, all threads in memory {adaptive:.3} s"
    );
    println!("hv_batch_top_k has {:.0} % of the rate of simd_batch_find_top_k (bar: 80 %)", 100.0 * kernel / searching);
    Ok(())
}

/// Runs a statement, and returns how many rows came.
async fn run(context: &SessionContext, sql: &str) -> Result<usize, Box<dyn Error>> {
    drop_rows(context.sql(sql).await?, context).await
}

/// Runs a query, and drops its rows as they come.
async fn drop_rows(query: DataFrame, context: &SessionContext) -> Result<usize, Box<dyn Error>> {
    let plan = query.create_physical_plan().await?;
    let mut stream = execute_stream(plan, context.task_ctx())?;
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        rows += batch?.num_rows();
    }
    Ok(rows)
}

/// All vectors.
async fn vectors(context: &SessionContext) -> Result<Vec<HV16>, Box<dyn Error>> {
    let mut vectors = Vec::new();
    for batch in context.sql("SELECT v FROM t").await?.collect().await? {
        let column = batch.column(0).as_fixed_size_binary();
        for row in 0..column.len() {
            vectors.push(HV16(column.value(row).try_into()?));
        }
    }
    Ok(vectors)
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
