//! Writing what the book has fixed: afterwards, from its rows, under a temporary name first, with the same bytes
//! whenever it is done again.

use std::io::Write;

use anyhow::{Result, anyhow, bail};

use super::Night;
use crate::{
    domain::ids::{BatchId, CardId},
    failpoint,
    output::{
        file::{Draft, publish},
        manifest::Manifest,
        orders,
        sheet::SheetWriter,
    },
    store::outputs::Output,
};

/// Cards read at once for a print order.
const PAGE: i64 = 2_000;

impl Night<'_> {
    /// Writes every file that is fixed and not yet in the outbox. Returns their names.
    pub(super) async fn publish(&mut self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        while let Some(output) = self.book.unwritten_output().await? {
            self.write_output(&output).await.map_err(|error| self.unwritten(&output.name, error))?;
            self.book.output_written(output.id).await?;
            failpoint::pass("after an output was marked as written");
            names.push(output.name);
        }
        Ok(names)
    }

    async fn write_output(&mut self, output: &Output) -> Result<()> {
        let outbox = &self.settings.outbox;
        let mut draft = Draft::new(outbox, &output.name)?;
        match (&output.content, output.batch) {
            (Some(content), _) => draft.write_all(content.as_bytes())?,
            (None, Some(batch)) => draft = self.write_orders(draft, BatchId(batch)).await?,
            (None, None) => bail!("its content was erased"),
        }
        failpoint::pass("before an output gets its name");
        let published = draft.publish()?;
        failpoint::pass("after an output got its name");
        let rows = u64::try_from(output.lines).unwrap_or_default();
        Manifest::of(&published, rows, serde_json::from_str(&output.totals)?, output.made_on).publish(outbox)?;
        failpoint::pass("after its manifest was written");
        Ok(())
    }

    /// What could not be written, where, and what to do.
    fn unwritten(&self, name: &str, error: anyhow::Error) -> anyhow::Error {
        if error.chain().all(|cause| cause.downcast_ref::<std::io::Error>().is_none()) {
            return error.context(format!("write {name}"));
        }
        let outbox = self.settings.outbox.display();
        let hint = "(hint: see that the outbox can be written and has room; the next run writes it)";
        anyhow!("write {name} to {outbox}: {error:#} {hint}")
    }

    /// Writes every report that is to be a file and is not yet in the outbox.
    pub(super) async fn publish_reports(&mut self) -> Result<()> {
        while let Some((run, name, text)) = self.book.unwritten_report().await? {
            publish(&self.settings.outbox, &name, text.as_bytes())
                .map_err(|error| self.unwritten(&name, error.into()))?;
            failpoint::pass("after a report was written");
            self.book.report_written(run).await?;
        }
        Ok(())
    }

    async fn write_orders(&mut self, draft: Draft, batch: BatchId) -> Result<Draft> {
        let mut sheet = SheetWriter::new(draft, &orders::HEADER)?;
        let mut after = CardId(0);
        loop {
            let cards = self.book.cards_of_batch(batch.0, after, PAGE).await?;
            let Some(last) = cards.last() else { break };
            after = last.id;
            for card in &cards {
                sheet.row(orders::line(batch, card)?)?;
            }
        }
        Ok(sheet.finish()?.0)
    }
}
