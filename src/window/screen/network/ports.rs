//! The ports that this computer listens on, with their programs.

use egui::{Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};
use egui_material_icons::icons::ICON_REFRESH;
use i18n_embed_fl::fl;

use super::{Action, field, section};
use crate::host::{ListeningPort, PortsError};
use crate::window::{
    Cx,
    parts::controls,
    theme::{self, STEP},
};
use crate::wire::visible;

/// From this width on, a port takes one line.
const ONE_LINE: f32 = 560.0;

/// Height of a row of one line, and of two.
const ROW: f32 = 30.0;
const TALL_ROW: f32 = 46.0;

/// The section: what is typed in its field.
#[derive(Debug, Default)]
pub(super) struct PortsSection {
    filter: String,
}

impl PortsSection {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        ports: Option<&Result<Vec<ListeningPort>, PortsError>>,
    ) -> Option<Action> {
        section(ui, cx, fl!(cx.words, "network-ports"), fl!(cx.words, "network-ports-hint"));
        let mut action = None;
        controls::card(cx.look).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                let width = (ui.available_width() - 48.0).clamp(120.0, 340.0);
                field(
                    ui,
                    cx.words,
                    &mut self.filter,
                    fl!(cx.words, "network-filter"),
                    &fl!(cx.words, "network-filter"),
                    width,
                );
                if controls::icon_button(ui, ICON_REFRESH, fl!(cx.words, "network-refresh")).clicked() {
                    action = Some(Action::Refresh);
                }
            });
            match ports {
                None => {
                    controls::hint(ui, cx.look, fl!(cx.words, "network-ports-wait"));
                }
                Some(Err(error)) => {
                    controls::wrong(ui, cx.look, fl!(cx.words, "network-ports-failed", words = error.0.as_str()));
                }
                Some(Ok(ports)) => self.table(ui, cx, ports),
            }
        });
        action
    }

    fn table(&self, ui: &mut Ui, cx: &Cx<'_>, ports: &[ListeningPort]) {
        let filter = self.filter.trim().to_lowercase();
        let rows: Vec<Row> = ports.iter().map(|port| Row::new(cx, port)).filter(|row| row.has(&filter)).collect();
        if rows.is_empty() {
            let words = if ports.is_empty() {
                fl!(cx.words, "network-ports-none")
            } else {
                fl!(cx.words, "network-filter-none")
            };
            controls::hint(ui, cx.look, words);
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(STEP);
        let one_line = ui.available_width() >= ONE_LINE;
        if one_line {
            head(ui, cx);
        }
        let height = if one_line { ROW } else { TALL_ROW };
        for row in &rows {
            row.show(ui, cx, one_line, height);
        }
        if ports.iter().any(|port| port.owner.is_none()) {
            ui.add_space(2.0 * STEP);
            controls::hint(ui, cx.look, fl!(cx.words, "network-not-told-hint"));
        }
    }
}

/// Where the columns begin, as parts of the width: port, service, address, program; the pid ends at the right.
fn columns(width: f32) -> [f32; 4] {
    [8.0, 72.0, 168.0, 168.0 + (width - 168.0) * 0.46]
}

fn head(ui: &mut Ui, cx: &Cx<'_>) {
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    let [port, service, address, program] = columns(width);
    for (x, words) in [
        (port, fl!(cx.words, "port")),
        (service, fl!(cx.words, "network-service")),
        (address, fl!(cx.words, "address")),
        (program, fl!(cx.words, "network-program")),
    ] {
        controls::one_line(ui, pos2(rect.left() + x, rect.top() + 7.0), &words, theme::small(), cx.look.weak, 120.0);
    }
    let pid = ui.painter().layout_no_wrap("PID".to_owned(), theme::small(), cx.look.weak);
    ui.painter().galley(pos2(rect.right() - 8.0 - pid.size().x, rect.top() + 7.0), pid, cx.look.weak);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, egui::Stroke::new(1.0, cx.look.line));
}

/// A port as its row shows it.
struct Row {
    port: String,
    service: &'static str,
    address: String,
    program: String,
    pid: String,
    told: bool,
    ours: bool,
}

impl Row {
    fn new(cx: &Cx<'_>, port: &ListeningPort) -> Self {
        let ip = port.local.ip();
        let ours = port.owner.as_ref().is_some_and(|owner| owner.pid == std::process::id());
        let reach = if ip.is_unspecified() {
            Some(fl!(cx.words, "network-all-interfaces"))
        } else if ip.is_loopback() {
            Some(fl!(cx.words, "network-only-here"))
        } else {
            None
        };
        Self {
            port: port.local.port().to_string(),
            service: service(port.local.port()),
            address: reach.map_or_else(|| ip.to_string(), |reach| format!("{ip} · {reach}")),
            program: match &port.owner {
                Some(owner) if ours => fl!(cx.words, "network-ours", name = owner.name.as_str()),
                Some(owner) => visible(&owner.name, &[]).into_owned(),
                None => fl!(cx.words, "network-not-told"),
            },
            pid: port.owner.as_ref().map(|owner| owner.pid.to_string()).unwrap_or_default(),
            told: port.owner.is_some(),
            ours,
        }
    }

    fn has(&self, filter: &str) -> bool {
        let texts = [&self.port, self.service, &self.address, &self.program, &self.pid];
        texts.into_iter().any(|text| text.to_lowercase().contains(filter))
    }

    fn show(&self, ui: &mut Ui, cx: &Cx<'_>, one_line: bool, height: f32) {
        let look = cx.look;
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        let parts = [&self.port, self.service, &self.address, &self.program, &self.pid];
        let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &name));
        if !ui.is_rect_visible(rect) {
            return;
        }
        if self.ours {
            ui.painter().rect_filled(rect.shrink2(vec2(0.0, 1.0)), theme::RADIUS, look.chosen);
        }
        let colour = if self.ours { look.accent } else { look.text };
        let program = if self.told { colour } else { look.weak };
        let mono = theme::mono(theme::TEXT - 1.0);
        let draw = |x: f32, y: f32, text: &str, font, colour, width: f32| {
            controls::one_line(ui, pos2(rect.left() + x, rect.top() + y), text, font, colour, width);
        };
        let width = rect.width();
        if one_line {
            let [at_port, at_service, at_address, at_program] = columns(width);
            draw(at_port, 6.0, &self.port, mono.clone(), colour, at_service - at_port);
            draw(at_service, 6.0, self.service, theme::text(), look.weak, at_address - at_service - 8.0);
            draw(at_address, 6.0, &self.address, mono.clone(), look.text, at_program - at_address - 12.0);
            draw(at_program, 6.0, &self.program, theme::text(), program, width - at_program - 84.0);
            let pid = ui.painter().layout_no_wrap(self.pid.clone(), mono, look.weak);
            ui.painter().galley(pos2(rect.right() - 8.0 - pid.size().x, rect.top() + 6.0), pid, look.weak);
        } else {
            draw(8.0, 5.0, &self.port, mono, colour, 56.0);
            draw(64.0, 5.0, &self.program, theme::text(), program, width - 72.0);
            let mut line = self.address.clone();
            for part in [self.service, &self.pid] {
                if !part.is_empty() {
                    line = format!("{line} · {part}");
                }
            }
            draw(64.0, 25.0, &line, theme::small(), look.weak, width - 72.0);
        }
    }
}

/// What the port is known for.
fn service(port: u16) -> &'static str {
    SERVICES.iter().find(|(number, _)| *number == port).map_or("", |(_, name)| name)
}

/// The names that IANA's registry of service names has for the ports that one meets.
const SERVICES: [(u16, &str); 36] = [
    (20, "ftp-data"),
    (21, "ftp"),
    (22, "ssh"),
    (23, "telnet"),
    (25, "smtp"),
    (53, "domain"),
    (80, "http"),
    (88, "kerberos"),
    (110, "pop3"),
    (111, "sunrpc"),
    (135, "epmap"),
    (139, "netbios-ssn"),
    (143, "imap"),
    (389, "ldap"),
    (443, "https"),
    (445, "microsoft-ds"),
    (465, "submissions"),
    (515, "printer"),
    (548, "afp"),
    (554, "rtsp"),
    (587, "submission"),
    (631, "ipp"),
    (853, "domain-s"),
    (873, "rsync"),
    (993, "imaps"),
    (995, "pop3s"),
    (1433, "ms-sql-s"),
    (1883, "mqtt"),
    (2049, "nfs"),
    (3306, "mysql"),
    (3389, "ms-wbt-server"),
    (5353, "mdns"),
    (5432, "postgresql"),
    (5900, "rfb"),
    (6379, "redis"),
    (8080, "http-alt"),
];
